"""Hand-made vocabularies for what faker does not know: goods, shops, streets, programmes."""

GOODS = """Printer Paper A4|Ballpoint Pen Blue|Stapler Heavy Duty|USB Cable 2m|LED Desk Lamp|Office Chair
Toner Cartridge Black|Wireless Mouse|Copper Pipe 15mm|Hex Bolt M8x40|Safety Gloves|Paint Roller 9"
Cement 50kg|PVC Elbow 3/4"|Angle Grinder Disc|Plywood Sheet 12mm|Wood Screw 4x50|Silicone Sealant
Garden Hose 25m|Door Hinge Brass|Extension Cord|Light Bulb E27|Battery AA 4pk|Masking Tape 24mm
Nasi Lemak Special|Teh Tarik|Kopi O Ais|Roti Canai|Chicken Rice|Mee Goreng|Iced Lemon Tea|Fish & Chips
Caesar Salad|Cheeseburger|Margherita Pizza|Latte Large|Espresso|Chocolate Muffin|Sparkling Water
Fresh Milk 1L|White Bread|Eggs Grade A 10s|Basmati Rice 5kg|Cooking Oil 2kg|Sugar 1kg|Instant Noodle
Tomato Ketchup 340g|Shampoo 400ml|Toothpaste Twin Pack|Dish Soap|Toilet Roll 10s|Bananas|Apples Fuji
Consulting Services|Web Hosting (monthly)|Software License|Annual Maintenance|Installation Work
Project Management|Design of Logo|On-site Support|Training Day|Translation EN-DE|Server Rental|Domain Renewal
Brake Pads Front|Oil Filter|Engine Oil 5W-30 4L|Wiper Blade 22"|Tyre 195/65 R15|Wheel Alignment
Ring Binder|Envelope C5 100pc|Whiteboard Marker|Sticky Notes 3x3|Calculator 12-digit|Photocopy A3
Cotton T-Shirt L|Running Shoes 42|Leather Belt|Kids Jacket|Wool Socks 3pr|Baseball Cap
Birthday Cake 1kg|Greeting Card|Gift Wrap|Balloon Pack|Party Hats|Candle Set|Photo Frame 8R
Steel Shelf 5-tier|Pallet Wrap 500mm|Cardboard Box 40x30|Forklift Rental|Freight Handling|Crate Wood
Paracetamol 500mg|Vitamin C 60 tabs|First Aid Kit|Face Mask 50s|Hand Sanitizer|Thermometer Digital
Trennscheiben A4|Joghurt Banane|Fachbuch|Arbeitsstunde Techniker|Zeitschrift|Montagematerial|Kabelkanal 2m
Prestation de conseil|Cartouche d'encre|Vin rouge 75cl|Huile d'olive|Câble réseau 5m|Main d'œuvre"""
ITEMS = tuple(item for line in GOODS.splitlines() for item in line.split("|"))

MALAY_SHOPS = """Restoran|Kedai Runcit|Syarikat|Pasaraya|Perniagaan|Kedai Buku|Farmasi|Bengkel|Klinik|Kedai Makan"""
MALAY_NAMES = """Maju Jaya|Sinar Harapan|Wong Brothers|Lim Seng|Tan Chong|Hock Lee|Seri Murni|Bintang Emas
Mutiara|Sri Aman|Golden Dragon|Happy Mart|Teo Heng|Aneka Rasa|Nam Heng|Kim Huat|Gemilang|Permata
Unihakka|Lucky Star|Popular Choice|Fresh Valley|Ban Soon|Yew Lian|Kaya Raya|Perdana|Mega Point|Chop Wah
Swee Hin|Evergreen|Tropika|Mr. Hardware|City Lights|AA Electrical|Segi Cash & Carry|Oriental|Kiat Hong"""
MALAY_TRADES = """Hardware|Trading|Enterprise|Stationery|Book Store|Auto Parts|Marketing|Electrical|Bakery
Seafood Restaurant|Cafe|Pharmacy|Supermarket|Gift & Deco|Machinery|Food Industries|Holdings|Mini Market
Furniture|Lighting|Printing|Motor Service|Textile|Optical|Frozen Food|Distributors|Retail|Bistro"""
MALAY_ENDS = (
    "SDN BHD",
    "SDN. BHD.",
    "S/B",
    "ENTERPRISE",
    "TRADING",
    "(M) SDN BHD",
    "SDN BHD",
    "BERHAD",
    "",
)
MALAY_STREETS = """Jalan Besar|Jalan Bukit|Jalan SS 2/{n}|Jalan PJU {n}/42|Jalan Permas {n}|Jalan Tun Razak
Jalan Sultan Ismail|Lorong Haji Taib|Persiaran Surian|Jalan Dagang {n}/1|Jalan Kuchai Lama|Jalan Mega {n}
Jalan Hang Tuah|Lebuh Ampang|Jalan Pasar|Jalan Taming {n}|Jalan Setia Indah X, U13/X|Jalan Klang Lama
Jalan Masai Lama|Jalan Tampoi {n}|Jalan Kenari {n}|Jalan Wawasan {n}/3|Jalan Equine|Jalan Cheras"""
MALAY_AREAS = """Taman Sri Putra|Taman Desa|Bandar Baru|Seksyen {n}|Kawasan Perindustrian|Taman Maluri
Bandar Puteri|Pusat Bandar|Taman Universiti|Bandar Sunway|Taman Connaught|Mutiara Damansara|Pandan Indah
Taman Perindustrian|Kota Damansara|Alam Damai|Taman Megah|Sri Petaling|Batu Caves"""
MALAY_TOWNS = """50480 Kuala Lumpur|47400 Petaling Jaya|81100 Johor Bahru|40000 Shah Alam|41200 Klang
10200 Georgetown|30000 Ipoh|75000 Melaka|43000 Kajang|68000 Ampang|53300 Setapak|47100 Puchong
43300 Seri Kembangan|81750 Masai|70200 Seremban|42100 Pelabuhan Klang|52100 Kepong"""
MALAY_STATES = (
    "Selangor",
    "Johor",
    "Selangor Darul Ehsan",
    "Johor Bahru, Johor",
    "W.P.",
    "Perak",
    "Penang",
)
MALAY_PEOPLE = """Tan Chay Yee|Nurul Aina|Lim Wei Ming|Siti Aminah|Ahmad Faizal|Muthu Raj|Wong Mei Ling
Rosmah|Kumar|Ng Ah Kow|Farah|Ridzuan|Cheong Kok Leong|Azman bin Yusof|Priya|Chan Siew Lan"""

CITIES = """Springfield|Denver|Boise|Tulsa|Des Moines|Savannah|Omaha|Fresno|Toledo|Macon|Reno|Lansing|Dayton"""
CAMPAIGN_CAUSES = """America|Progress|Freedom|Working Families|Clean Energy|Our Future|Public Schools|Growth
Veterans|Safe Streets|Better Roads|Health Care|Honest Government|Main Street|Liberty|Small Business"""
CAMPAIGN_FORMS = (
    "{last} for {office}",
    "{first} {last} for {office}",
    "Friends of {first} {last}",
    "{last} {year}",
    "Citizens for {last}",
    "POL/{first} {last}/{party}/{race}/{state}",
    "{last}/{party}/{race}",
    "Committee to Elect {first} {last}",
    "{cause} PAC",
    "{cause} Action Fund",
    "Americans for {cause}",
    "{first} {last} for {office} {state}-{party}",
    "ISS/{cause}",
    "{last} For US Senate ({code})",
    "{cause} Action ({code})",
    "{last}, {first} {party} {race}",
    "Coalition for {cause}",
    "{last} {office}",
    "Keep {cause} First",
    "{state} Voters for {cause}",
    "POL/ {first} {last} / {party} / {race} / US",
    "Team {last}",
    "Vote {last} {year} Inc",
    "{cause} Now",
)
OFFICES = """Congress|Senate|Governor|Mayor|US Senate|President|State Senate|Sheriff|Attorney General|County Treasurer
City Council|House|Supreme Court|School Board"""
RACES = ("HOU", "SEN", "PRES", "GOV", "US Senate", "Congress", "President", "Mayor", "AG")
STATES = (
    "AL",
    "AZ",
    "CA",
    "CO",
    "FL",
    "GA",
    "IA",
    "IL",
    "KY",
    "ME",
    "MI",
    "MT",
    "NC",
    "OH",
    "PA",
    "TX",
    "UT",
    "WI",
)
PROGRAMMES = """Early News|M-F 5am News|Morning Show|Noon News|Local News @ 6p|Late News|Wheel of Luck
Prime Time Movie|Sunday Football|Judge Hour|Evening News|Meet the Nation|News at Ten|Weekend Today|Sports Extra
Rotation M-F 6a-10a|Daytime Talk|Late Show|Saturday Morning|Country Hour|Nightly Business|Game Night|Home Makers
Access Tonight|Sa Local News 6p|Family Quiz|Good Day|Court TV|Law Files|Doctors|Price Hunt"""
DAYPARTS = (
    "6A-7A",
    "5-530a",
    "4:00 PM-5:00 PM",
    "6p-630p",
    "M-F 10p-1035p",
    "7P-8P",
    "11A-12P",
    "8-10P",
    "5:30a-6a",
    "1135p-1237a",
)
WEEKS = (
    "MTWTF--",
    "-TWTF--",
    "M-F",
    "-----S-",
    "------S",
    "1------",
    "MTWTFSS",
    "--W----",
    "11111--",
    "Sa-Su",
    "M------",
)
AGENCY_ENDS = (
    "Media",
    "Media Group",
    "Strategies",
    "& Associates",
    "Communications",
    "Buying Time",
    "Advertising",
    "Partners",
    "Consulting",
)
AGENCY_NAMES = """Beacon|Canal|Target|Waterfront|Assembly|Left Hook|Great American|Summit|Blue Ridge|Sage|Medium|Flagship
Mentzer|Crossroads|Screen|Old Towne|Bluewater|River City|Northwind|Capitol|Ax"""

SMALL_PRINT = """Claims must be made in writing within {n} days of receipt of the goods.
Interest of {n} % per year is charged on overdue accounts, and a fee of {money} for each reminder.
Title to the goods passes to the buyer only upon payment in full.
The place of jurisdiction is {city}. Prices are valid until {date}.
Orders below {money} are subject to a handling charge.
This document was issued electronically on {date} and is valid without signature.
Please retain this document for your records. It may be required for warranty claims.
The terms of business as amended on {date} apply; a copy is sent on request.
For questions call {phone} between 9 a.m. and 5 p.m., Monday to Friday.
No liability is accepted for delays caused by carriers or by events beyond our control.
If you have received this document in error, please notify {person} at {phone}.
All disputes shall be settled by arbitration in {city}. The law of the seller's country applies.
Returned cheques are charged with {money}. Credit is granted up to {money} on approval.
A deposit is not refundable unless the order is cancelled before {date}.
Any alteration requires the written consent of both parties.
Our new opening hours apply from {date}. We look forward to your visit."""


def listed(text: str) -> tuple[str, ...]:
    """Return the entries of a vocabulary written with bars and line ends between them."""
    return tuple(entry for line in text.splitlines() for entry in line.split("|"))
